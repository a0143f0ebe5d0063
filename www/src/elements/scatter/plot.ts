// The marks that the scatter plot uses, so that a bundler leaves the rest of Observable Plot out.
export { axisX, axisY, dot, gridX, gridY, plot, pointer, tip } from '@observablehq/plot';
