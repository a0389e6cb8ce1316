// Draws every element with `data-chart` (JSON of chartkick series) in the colours of the design: columns, or with
// data-kind="line" lines over a time axis. No inline script needed.
"use strict";
(() => {
  // Charts understand only plain colours: let the browser resolve the design's variable and paint one pixel with it.
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    pixel.fillStyle = getComputedStyle(probe).color;
    pixel.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
  // Days as the reader's language writes them, on a time axis and on columns that are named by days.
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short" });
  function named(value, index, ticks) {
    const label = this.type === "time" ? ticks[index].value : this.getLabelForValue(value);
    if (this.type === "time") return day.format(label);
    return /^\d{4}-\d\d-\d\d$/.test(label) ? day.format(new Date(`${label}T00:00`)) : label;
  }
  const draw = () => {
    for (const element of document.querySelectorAll("[data-chart]")) {
      const series = JSON.parse(element.dataset.chart);
      const axis = { ticks: { color: colour("--muted"), precision: "decimals" in element.dataset ? undefined : 0, maxRotation: 0 }, grid: { color: colour("--line") } };
      const Chart = element.dataset.kind === "line" ? Chartkick.LineChart : Chartkick.ColumnChart;
      new Chart(element, series, {
        colors: ["--accent", "--amber", "--green", "--red", "--muted"].map(colour),
        stacked: "stacked" in element.dataset,
        legend: "bottom",
        curve: false,
        min: 0,
        library: {
          font: { family: getComputedStyle(document.body).fontFamily },
          plugins: { legend: { labels: { color: colour("--text"), boxWidth: 12 } } },
          scales: { x: { ...axis, ticks: { ...axis.ticks, callback: named } }, y: axis },
          animation: false,
        },
      });
    }
  };
  // `data-save-chart="id"`: the chart as a picture, on the page's background.
  const save = (button) => {
    const drawn = document.querySelector(`#${button.dataset.saveChart} canvas`);
    const picture = Object.assign(document.createElement("canvas"), { width: drawn.width, height: drawn.height });
    const pen = picture.getContext("2d");
    pen.fillStyle = colour("--surface");
    pen.fillRect(0, 0, picture.width, picture.height);
    pen.drawImage(drawn, 0, 0);
    picture.toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${button.dataset.saveChart}.png` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.fonts.load("12px Inter").finally(draw); // a canvas does not wait for the font of its letters
    for (const button of document.querySelectorAll("[data-save-chart]")) {
      button.hidden = false;
      button.addEventListener("click", () => save(button));
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
