// What a figure is made of once it is drawn: loaded with the first, so that a page of other elements has none of it.
export { agreements, sameGames, toleranceSaid } from './agreement.js';
export { chosen } from './dictionaries.js';
export { drawPanel, loadPlot } from './draw.js';
export { asCsv, asJson, asSvg, download, svgText } from './export.js';
export { asPng } from './paint.js';
export { publishedBeside } from './published.js';
export { DEFINITIONS } from './registry.js';
export { cannotBeMeasured, reproduce, usualWorkers } from './reproduce.js';
export { bestLabel, pictureOf, sourceOf } from './source.js';
export { stillData } from './still.js';
export { renderAgreements, renderBeside, renderTable } from './tables.js';
