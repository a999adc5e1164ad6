"use strict";
// Draws each .plot from the chart in its data-chart; colours come from the page, so that light, dark and print are one style.
(() => {
  // Okabe and Ito's palette, told apart by colour-blind readers; the dark page takes lighter tones of the same hues.
  const light = ["#0072b2", "#d55e00", "#009e73", "#b3589a", "#8a6d00", "#2ba3d4", "#444444", "#e69f00"];
  const dark = ["#5bb0ea", "#f08a4b", "#3fc79a", "#e193c6", "#d8b93a", "#8ad3f7", "#c9ced6", "#ffc455"];
  const dashes = ["solid", "dash", "dot", "dashdot"];
  const symbols = ["circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star"];
  const margin = { l: 54, r: 14, t: 30, b: 46 };
  const screenIsDark = matchMedia("(prefers-color-scheme: dark)");
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const escape = text => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, "\uFFFD").replace(/[&<>]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

  function page(printing) {
    const isDark = screenIsDark.matches && !printing;
    return { ink: css("--ink"), soft: css("--soft"), faint: css("--faint"), paper: css("--paper"), accent: css("--accent"), muted: css("--muted"), colours: isDark ? dark : light };
  }

  const hover = (chart, series, point) => {
    const facts = point.facts ?? [`${chart.y.title}: ${point.y.toPrecision(4)} ${chart.y.unit}`, `${chart.x.title}: ${Math.round(point.x).toLocaleString("en")} ${chart.x.unit}`];
    const title = point.label ?? (point.facts ? "" : series.name);
    return [title && `<b>${escape(title)}</b>`, ...facts.map(escape)].filter(Boolean).join("<br>");
  };

  // The picture's own ranges: labels can then be placed before anything is drawn.
  function range(chart, pick, side, pad) {
    const log = side.log ? Math.log10 : v => v;
    const all = chart.series.flatMap(s => s.points.flatMap(pick)).filter(v => v != null).map(log);
    const low = Math.min(...all), high = Math.min(Math.max(...all), side.top == null ? Infinity : log(side.top));
    const room = high > low ? (high - low) * pad : Math.abs(high) * 0.1 || 1;
    return [low - room, high + (side.top == null ? room : 0)];
  }

  const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

  // More points than these have their names only when they are touched.
  const mostNamed = 80, isNamed = series => series.points.length <= mostNamed && series.points.some(p => p.label);

  // Each label goes where it covers least: points, error bars, the frontier's line and earlier labels are in its way.
  function labelPlaces(chart, xs, ys, width, height) {
    const place = (v, side, [low, high], length) => ((side.log ? Math.log10(v) : v) - low) / (high - low) * length;
    const px = p => margin.l + place(p.x, chart.x, xs, width - margin.l - margin.r);
    const py = y => height - margin.b - place(y, chart.y, ys, height - margin.t - margin.b);
    const points = chart.series.filter(s => s.mark.endsWith("dots") && isNamed(s)).flatMap(s => s.points.filter(p => p.label));
    const taken = points.map(p => [px(p) - 6, py(p.high ?? p.y) - 6, px(p) + 6, py(p.low ?? p.y) + 6]);
    for (const { points: line } of chart.series.filter(s => s.mark === "steps"))
      line.slice(1).forEach((to, i) => {
        const [x0, x1, y0, y1] = [px(line[i]), px(to), py(line[i].y), py(to.y)];
        taken.push([x0, y0 - 2, x1, y0 + 2], [x1 - 2, Math.min(y0, y1), x1 + 2, Math.max(y0, y1)]);
      });
    const places = new Map();
    points.forEach((point, i) => {
      const [x, y, long] = [px(point), py(point.y), 6.7 * point.label.length];
      const choices = [["middle right", x + 8, y - 8], ["top left", x - 5 - long, y - 20], ["top center", x - long / 2, y - 23], ["bottom right", x + 5, y + 5],
        ["middle left", x - 8 - long, y - 8], ["top right", x + 5, y - 20], ["bottom center", x - long / 2, y + 8], ["bottom left", x - 5 - long, y + 5]];
      const best = choices.map(([name, left, top], order) => {
        const box = [left, top, left + long, top + 15];
        const outside = Math.max(0, box[2] - width) + Math.max(0, margin.l - left) + Math.max(0, box[3] - height + margin.b) + Math.max(0, margin.t - 8 - top);
        return { name, box, cost: taken.reduce((sum, other, j) => j === i ? sum : sum + overlap(box, other), 0) + 30 * outside + order };
      }).reduce((a, b) => b.cost < a.cost ? b : a);
      taken.push(best.box);
      places.set(point, best.name);
    });
    return places;
  }

  // What was measured has the colour of the law that foretells it.
  const base0 = series => series.name.replace(/ (measured|by the law)$/, "");
  const kin = chart => chart.kin ??= [...new Set(chart.series.map(base0))];

  function trace(chart, series, index, theme, places) {
    const base = {
      x: series.points.map(p => p.x), y: series.points.map(p => p.y), name: escape(series.name), type: "scatter", cliponaxis: chart.y.top != null,
      hovertemplate: series.points.map(p => hover(chart, series, p) + "<extra></extra>"),
    };
    const still = { ...base, mode: "lines", hoverinfo: "skip", hovertemplate: null };
    index = kin(chart).indexOf(base0(series));
    const colour = theme.colours[index % theme.colours.length], dash = dashes[Math.floor(index / theme.colours.length) % dashes.length];
    if (series.mark === "steps") return { ...still, showlegend: false, line: { shape: "hv", width: 1.6, color: theme.accent } };
    if (series.mark === "links") return { ...still, showlegend: false, line: { width: 1.2, color: theme.muted } };
    if (series.mark === "guide") return { ...still, line: { dash: "dot", width: 1.3, color: theme.muted } };
    if (series.mark === "foretold") return { ...base, mode: "lines", line: { dash: "dot", width: 1.8, color: theme.ink } };
    if (series.mark === "line") return { ...base, mode: "lines", line: { width: 1.6, color: colour, dash } };
    const muted = series.mark === "muted-dots", several = chart.series.filter(s => s.mark === "dots").length > 1;
    const ink = muted ? theme.muted : several ? colour : theme.accent;
    const up = series.points.map(p => p.high == null ? 0 : p.high - p.y), down = series.points.map(p => p.low == null ? 0 : p.y - p.low);
    return {
      ...base, mode: isNamed(series) ? "markers+text" : "markers",
      text: series.points.map(p => escape(p.label ?? "")), textposition: series.points.map(p => places.get(p) ?? "top center"),
      textfont: { color: muted ? theme.soft : theme.ink, size: 12 },
      marker: { size: several ? 7 : 9, color: muted ? theme.paper : ink, opacity: 1, line: { width: 1.5, color: ink }, symbol: several ? symbols[index % symbols.length] : "circle" },
      error_y: { type: "data", symmetric: false, array: up, arrayminus: down, color: ink, thickness: 1, width: 0, visible: [...up, ...down].some(Boolean) },
    };
  }

  // A log axis is marked at 1, 2 and 5 of each power of ten that it shows; at 1 alone, or at every so many powers, where that would be too many.
  const marks = ([low, high], parts, every) => Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i).filter(power => power % every === 0)
    .flatMap(power => parts.map(part => 10 ** power * part)).filter(v => Math.log10(v) >= low && Math.log10(v) <= high);
  const logTicks = (limits, most) => [[[1, 2, 5], 1], [[1, 3], 1], [[1], 1], [[1], 2], [[1], 3], [[1], 5]].map(([parts, every]) => marks(limits, parts, every)).find((ticks, i) => ticks.length <= most || i === 5);

  const axis = (side, theme, limits, most) => ({
    type: side.log ? "log" : "linear", range: limits, tickfont: { size: 12, color: theme.soft }, gridcolor: theme.faint, linecolor: theme.muted, showline: true,
    ticks: "outside", ticklen: 4, tickcolor: theme.muted, zeroline: false, nticks: most,
    exponentformat: side.unit === "FLOP" ? "SI" : "B", minexponent: 3, ...(side.step ? { tick0: 0, dtick: side.step } : {}), ...(side.log ? { tickvals: logTicks(limits, Math.max(most, 5)), tickangle: 0 } : {}),
  });

  const note = (text, theme, at) => ({ text: escape(text), showarrow: false, xref: "paper", yref: "paper", font: { size: 12, color: theme.soft }, ...at });

  function draw(plot, printing) {
    const chart = plot.chart ??= JSON.parse(plot.dataset.chart), theme = page(printing), width = plot.clientWidth, height = plot.clientHeight;
    const lines = chart.series.some(s => s.mark === "line" || s.mark === "guide"), pad = lines ? 0.03 : 0.09;
    const xs = range(chart, p => [p.x], chart.x, pad), ys = range(chart, p => [p.y, p.low, p.high], chart.y, pad);
    const places = labelPlaces(chart, xs, ys, width, height);
    const entry = Math.max(118, 48 + 6.5 * Math.max(...chart.series.map(s => s.name.length)));
    const room = lines ? 16 + 20 * Math.ceil(chart.series.length / Math.max(1, Math.floor(width / entry))) : 0;
    plot.style.height = `${height0(plot) + room}px`;
    return Plotly.react(plot, chart.series.map((series, i) => trace(chart, series, i, theme, places)), {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: css("--sans"), color: theme.ink }, width, height: height0(plot) + room,
      margin: { ...margin, b: margin.b + room }, showlegend: lines, legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom", x: 0, font: { size: 12 }, itemclick: "toggleothers" },
      hovermode: "closest", hoverlabel: { bgcolor: theme.paper, bordercolor: theme.muted, font: { color: theme.ink, size: 12.5 }, align: "left" }, dragmode: false,
      xaxis: axis(chart.x, theme, xs, width < 320 ? 4 : 8), yaxis: axis(chart.y, theme, ys, 6),
      annotations: [
        note(chart.y.label, theme, { x: 0, xanchor: "left", xshift: -margin.l + 2, y: 1, yanchor: "bottom", yshift: 8 }),
        note(chart.x.label, theme, { x: 1, xanchor: "right", y: 0, yanchor: "top", yshift: -24 }),
      ],
    }, { displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: false, plotlyServerURL: "" });
  }

  // The height that the style sheet gives, before a legend asks for more.
  function height0(plot) {
    const set = plot.style.height;
    plot.style.height = "";
    const height = plot.clientHeight;
    plot.style.height = set;
    return height;
  }

  function all(printing) {
    document.documentElement.classList.toggle("printing", printing);
    document.querySelectorAll(".plot").forEach(plot => draw(plot, printing));
  }
  // For a page that stays open while its numbers change.
  window.drawChart = (plot, chart) => {
    plot.chart = chart;
    return draw(plot, false);
  };
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(all, 120, false); });
  screenIsDark.addEventListener("change", () => all(false));
  addEventListener("beforeprint", () => all(true));
  addEventListener("afterprint", () => all(false));
  all(matchMedia("print").matches);
})();
