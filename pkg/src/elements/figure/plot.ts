// What figures are drawn with: the marks of Observable Plot that they use and no others, so that a bundler
// leaves the rest out. It is imported when the first figure is drawn.
export {
  areaY,
  axisX,
  axisY,
  barX,
  barY,
  cell,
  dot,
  frame,
  gridX,
  gridY,
  line,
  link,
  plot,
  pointer,
  rectY,
  ruleX,
  ruleY,
  text,
  tickX,
  tip,
} from '@observablehq/plot';
