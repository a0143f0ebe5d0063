export { type SavedElement, type SaveOptions, saveAsOneFile } from './save.js';
