// The page of a prompt pack: a finding's line number selects that line in the editor.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  const source = document.querySelector(".pack-source");
  if (!button || !source) return;
  const lines = source.value.split("\n");
  const number = Math.min(Number(button.dataset.line), lines.length) - 1;
  const start = lines.slice(0, number).join("\n").length + (number ? 1 : 0);
  source.focus();
  source.setSelectionRange(start, start + lines[number].length);
  source.scrollTop = (source.scrollHeight / lines.length) * Math.max(0, number - 4);
});
