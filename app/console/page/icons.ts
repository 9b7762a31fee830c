import { html, type VNode } from './html.ts';

/** Strokes on a field of 24 by 24. */
const strokes = {
  live: 'M4 10v4M8 6v12M12 9v6M16 4v16M20 10v4',
  calls: 'M4 6h16M4 12h16M4 18h10',
  figures: 'M4 20V4M4 20h16M8 16v-4M12.5 16V8M17 16v-6',
  engines: 'M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  bot: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 10h8M8 13h5',
  phone:
    'M6.5 3.5h3l1.6 4.2-2 1.6a12 12 0 0 0 5.6 5.6l1.6-2 4.2 1.6v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.500 5.700a2 2 0 0 1 2-2.200z',
  hangUp:
    'M3 14.500c0-3 4-5.500 9-5.500s9 2.500 9 5.500c0 1.500-.6 2.500-1.700 2.300l-2.800-.6c-.8-.2-1.300-.8-1.300-1.600v-1.200a13 13 0 0 0-6.400 0v1.200c0 .8-.5 1.400-1.300 1.600l-2.800.6C3.600 17 3 16 3 14.500z',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
  light:
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  dark: 'M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z',
  auto: 'M12 3.500a8.500 8.500 0 1 0 0 17zM12 3.500a8.500 8.500 0 0 1 0 17z',
  search: 'M10.500 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.1',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  hear: 'M4 13v-1a8 8 0 0 1 16 0v1M4 13h3v6H5a1 1 0 0 1-1-1zM20 13h-3v6h2a1 1 0 0 0 1-1z',
  understand:
    'M12 3a6 6 0 0 0-3.500 10.900c.6.500 1 1.200 1 2V17h5v-1.100c0-.8.4-1.500 1-2A6 6 0 0 0 12 3zM10 20.500h4',
  speak:
    'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.800 7.800 0 0 1 0 11',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  leave: 'M14 4h5v16h-5M4 12h10M10 8l4 4-4 4',
} as const;

export type IconName = keyof typeof strokes;

/** A picture that says nothing a word beside it does not. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${strokes[name]} /></svg>`;
}
