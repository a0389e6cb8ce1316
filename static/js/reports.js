// Draws every element with `data-chart` (JSON of chartkick series) in the colours of the design. No inline script needed.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
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
