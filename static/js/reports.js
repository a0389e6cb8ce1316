// Draws every element with `data-chart` (JSON of chartkick series) in the colours of the design. No inline script needed.
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
  const draw = () => {
    for (const element of document.querySelectorAll("[data-chart]")) {
      const series = JSON.parse(element.dataset.chart);
      const axis = { ticks: { color: colour("--muted"), precision: 0 }, grid: { color: colour("--line") } };
      new Chartkick.ColumnChart(element, series, {
        colors: [colour("--accent"), colour("--green")],
        legend: "bottom",
        library: {
          plugins: { legend: { labels: { color: colour("--text") } } },
          scales: { x: axis, y: axis },
          animation: false,
        },
      });
    }
  };
  document.addEventListener("DOMContentLoaded", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
