import './tokens.css';
import './elements/app/app.js';
