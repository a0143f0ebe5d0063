import * as api from '/pkg/index.js';

globalThis.api = api;
document.documentElement.dataset.ready = '';
