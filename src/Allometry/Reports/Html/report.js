"use strict";
// Draws each .plot from the chart in its data-chart; colours come from the page, so that light, dark and print are one style.
(() => {
  // Okabe and Ito's palette, told apart by colour-blind readers; the dark page takes lighter tones of the same hues.
  const light = ["#0072b2", "#d55e00", "#009e73", "#b3589a", "#8a6d00", "#2ba3d4", "#444444", "#e69f00"];
  const dark = ["#5bb0ea", "#f08a4b", "#3fc79a", "#e193c6", "#d8b93a", "#8ad3f7", "#c9ced6", "#ffc455"];
  const dashes = ["solid", "dash", "dot", "dashdot"];
  const symbols = ["circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star"];
  const screenIsDark = matchMedia("(prefers-color-scheme: dark)");
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const escape = text => text.replace(/[&<>]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

  function page(printing) {
    const isDark = screenIsDark.matches && !printing;
    return { ink: css("--ink"), soft: css("--soft"), faint: css("--faint"), paper: css("--paper"), accent: css("--accent"), muted: css("--muted"), colours: isDark ? dark : light };
  }

  const hover = (chart, series, point) => {
    const title = point.label ?? (series.mark === "line" || !point.facts ? series.name : "");
    const facts = point.facts ?? [`${chart.y.title}: ${point.y.toPrecision(4)} ${chart.y.unit}`, `${chart.x.title}: ${point.x.toPrecision(4)} ${chart.x.unit}`];
    return [title ? `<b>${escape(title)}</b>` : "", ...facts.map(escape)].filter(Boolean).join("<br>");
  };

  // Each label goes where it covers least: eight places around its point, the other labels and points counted.
  function labelPlaces(chart, width, height) {
    const points = chart.series.filter(s => s.mark.endsWith("dots")).flatMap(s => s.points.filter(p => p.label));
    const scale = (axis, pick) => {
      const of = axis.log ? Math.log : v => v, all = points.map(p => of(pick(p))), low = Math.min(...all), high = Math.max(...all);
      return p => high > low ? (of(pick(p)) - low) / (high - low) : 0.5;
    };
    const sx = scale(chart.x, p => p.x), sy = scale(chart.y, p => p.y);
    const at = points.map(p => [70 + 0.84 * (width - 90) * sx(p) + 0.08 * (width - 90), 0.84 * (height - 70) * (1 - sy(p)) + 0.08 * (height - 70)]);
    const taken = at.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]), places = new Map();
    const choices = [["middle right", 9, -8], ["top center", null, -24], ["bottom center", null, 8], ["middle left", "left", -8],
      ["top right", 5, -22], ["bottom right", 5, 6], ["top left", "left", -22], ["bottom left", "left", 6]];
    const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
    points.forEach((point, i) => {
      const [x, y] = at[i], long = 6.4 * point.label.length;
      const boxes = choices.map(([place, dx, dy]) => {
        const left = dx === null ? x - long / 2 : dx === "left" ? x - 9 - long : x + dx;
        const outside = Math.max(0, left + long - width + 12) + Math.max(0, 62 - left);
        const box = [left, y + dy, left + long, y + dy + 15];
        return { place, box, cost: taken.reduce((sum, other, j) => j === i ? sum : sum + overlap(box, other), 0) + 40 * outside };
      });
      const best = boxes.reduce((a, b) => b.cost < a.cost ? b : a);
      taken.push(best.box);
      places.set(point, best.place);
    });
    return places;
  }

  function trace(chart, series, index, theme, places) {
    const colour = theme.colours[index % theme.colours.length];
    const base = {
      x: series.points.map(p => p.x), y: series.points.map(p => p.y), name: series.name, type: "scatter", cliponaxis: false,
      hovertemplate: series.points.map(p => hover(chart, series, p) + "<extra></extra>"),
    };
    if (series.mark === "steps") return { ...base, mode: "lines", hoverinfo: "skip", hovertemplate: null, showlegend: false, line: { shape: "hv", width: 1.6, color: theme.accent } };
    if (series.mark === "guide") return { ...base, mode: "lines", hoverinfo: "skip", hovertemplate: null, line: { dash: "dot", width: 1.2, color: theme.muted } };
    if (series.mark === "line") return { ...base, mode: "lines", line: { width: 1.7, color: colour, dash: dashes[Math.floor(index / theme.colours.length) % dashes.length] } };
    const muted = series.mark === "muted-dots", several = chart.series.filter(s => s.mark === "dots").length > 1 && !muted && !chart.series.some(s => s.mark === "steps");
    const ink = muted ? theme.muted : several ? colour : theme.accent;
    const errors = series.points.map(p => [p.low == null ? 0 : p.y - p.low, p.high == null ? 0 : p.high - p.y]);
    return {
      ...base, mode: series.points.some(p => p.label) ? "markers+text" : "markers",
      text: series.points.map(p => p.label ?? ""), textposition: series.points.map(p => places.get(p) ?? "top center"),
      textfont: { color: muted ? theme.soft : theme.ink, size: 12 },
      marker: { size: muted ? 8 : 9, color: muted ? theme.paper : ink, line: { width: 1.6, color: ink }, symbol: several ? symbols[index % symbols.length] : "circle" },
      error_y: { type: "data", symmetric: false, array: errors.map(e => e[1]), arrayminus: errors.map(e => e[0]), color: ink, thickness: 1, width: 0, visible: errors.some(e => e[0] || e[1]) },
    };
  }

  const axis = (side, theme) => ({
    title: { text: escape(`${side.title} (${side.unit})`), font: { size: 13, color: theme.soft }, standoff: 12 }, type: side.log ? "log" : "linear",
    tickfont: { size: 12, color: theme.soft }, gridcolor: theme.faint, linecolor: theme.soft, ticks: "outside", ticklen: 4, tickcolor: theme.faint, zeroline: false,
    exponentformat: side.unit === "FLOP" ? "SI" : "B", minexponent: 3, automargin: true, nticks: 7,
    ...(side.step ? { tick0: 0, dtick: side.step } : {}),
  });

  function draw(plot, printing) {
    const chart = plot.chart ??= JSON.parse(plot.dataset.chart), theme = page(printing);
    const places = labelPlaces(chart, plot.clientWidth, plot.clientHeight);
    const lines = chart.series.filter(s => s.mark === "line" || s.mark === "guide").length > 0;
    return Plotly.react(plot, chart.series.map((series, i) => trace(chart, series, i, theme, places)), {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: css("--sans"), color: theme.ink },
      margin: { l: 10, r: 16, t: 8, b: 10 }, showlegend: lines, legend: { orientation: "h", y: -0.22, x: 0, font: { size: 12 } },
      hovermode: "closest", hoverlabel: { bgcolor: theme.paper, bordercolor: theme.muted, font: { color: theme.ink, size: 12.5 }, align: "left" },
      xaxis: axis(chart.x, theme), yaxis: axis(chart.y, theme), dragmode: false, width: plot.clientWidth, height: plot.clientHeight,
    }, { displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: false, plotlyServerURL: "" });
  }

  const all = printing => document.querySelectorAll(".plot").forEach(plot => draw(plot, printing));
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(all, 120, false); });
  screenIsDark.addEventListener("change", () => all(false));
  addEventListener("beforeprint", () => all(true));
  addEventListener("afterprint", () => all(false));
  all(matchMedia("print").matches);
})();
