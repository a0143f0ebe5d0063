import type { Panel, PlotModule } from './definition.js';

let plot: Promise<PlotModule> | null = null;

/** The marks of Observable Plot, fetched when the first figure is drawn. */
export function loadPlot(): Promise<PlotModule> {
  plot ??= import('./plot.js').catch((error: unknown) => {
    plot = null;
    throw error;
  });
  return plot;
}

/**
 * Draws a panel, `width` pixels wide. Plot puts a `<style>` into what it draws, which a policy of
 * `style-src 'self'` refuses: it is taken out before the picture is part of the page, and the element's own
 * style says the same.
 */
export function drawPanel(plot: PlotModule, panel: Panel, width: number, finding: string): SVGSVGElement {
  const svg = plot.plot({ ...panel.options(plot, width) }) as SVGSVGElement;
  for (const style of svg.querySelectorAll('style')) style.remove();
  // A picture is one thing to those who listen to it; what it is made of has no names.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `${panel.title}. ${finding}`);
  return svg;
}
