import './tokens.css';
import './elements/app/app.js';
import { keepForOffline } from './offline/register.js';

if (import.meta.env.PROD) void keepForOffline();
