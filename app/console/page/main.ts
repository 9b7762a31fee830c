import { html, render } from './html.ts';
import { Telephone } from './telephone.ts';

const place = document.getElementById('app');
if (place !== null) render(html`<${Telephone} />`, place);
