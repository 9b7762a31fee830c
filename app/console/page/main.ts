import { App } from './app.ts';
import { html, render } from './html.ts';
import { startTheme } from './theme.ts';

startTheme();
const place = document.getElementById('app');
if (place !== null) render(html`<${App} />`, place);
