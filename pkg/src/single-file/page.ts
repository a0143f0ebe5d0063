// The script of a page that is one file: the elements and the engine, with nothing left to be fetched.
import './addresses.js';
import '../elements/index.js';
