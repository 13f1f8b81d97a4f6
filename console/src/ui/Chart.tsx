import { useEffect, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

interface Props {
  /** What the chart says, in a sentence: for those who do not see it. */
  summary: string;
  data: uPlot.AlignedData;
  /** Everything of uPlot's options but the size, made anew when colours change; uPlot itself has the kinds of paths. */
  options: (colour: (name: string) => string, Plot: typeof uPlot) => Omit<uPlot.Options, "width" | "height">;
  height?: number;
}

/** The room that the legend takes below, so that nothing moves when it comes. */
const LEGEND = 30;

/** A chart as wide as its place; uPlot is loaded when the first is shown. */
export function Chart({ summary, data, options, height = 220 }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let chart: uPlot | undefined;
    let gone = false;
    let Plot: typeof uPlot | undefined;
    const draw = () => {
      chart?.destroy();
      if (Plot) chart = new Plot({ ...options(colourOf, Plot), width: element.clientWidth, height }, data, element);
    };
    import("uplot").then((module) => {
      Plot = module.default;
      if (!gone) draw();
    });
    const resize = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      gone = true;
      resize.disconnect();
      theme.disconnect();
      dark.removeEventListener("change", draw);
      chart?.destroy();
    };
  }, [data, options, height]);
  return <div ref={place} className="chart" style={{ minHeight: height + LEGEND }} role="img" aria-label={summary} />;
}

/** The colour that a token has now: a canvas does not know light-dark(). */
function colourOf(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
