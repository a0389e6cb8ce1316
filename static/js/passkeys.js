// Passkeys: <form data-passkey="get|create" data-options="url"> posts for options, asks the device, posts its answer to
// the form's action, and opens the page that the server names. Words for failures are on the form.
(function () {
  "use strict";

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function post(form, url, body) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.problem || form.dataset.failed);
    return answer;
  }

  function readable(options) {
    const key = { ...options, challenge: toBytes(options.challenge) };
    if (key.user) key.user = { ...key.user, id: toBytes(key.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (key[list]) key[list] = key[list].map((entry) => ({ ...entry, id: toBytes(entry.id) }));
    }
    return { publicKey: key };
  }

  function sendable(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
  }

  async function run(form) {
    const { publicKey } = await post(form, form.dataset.options, {});
    const credential = await navigator.credentials[form.dataset.passkey](readable(publicKey)).catch((error) => {
      throw new Error(error.name === "InvalidStateError" ? form.dataset.known : form.dataset.cancelled);
    });
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrfmiddlewaretoken;
    const { next } = await post(form, form.action, { ...fields, credential: sendable(credential) });
    window.location.assign(next);
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!window.PublicKeyCredential) return;
    form.hidden = false;
    const problem = form.querySelector("[role=alert]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      problem.hidden = true;
      run(form).catch((error) => {
        problem.textContent = error.message;
        problem.hidden = false;
        button.disabled = false;
      });
    });
  });
})();
