/** What every component is written with. Values in a template become text or properties, never markup. */
export { html, render } from 'htm/preact';
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export type { ComponentChildren, VNode } from 'preact';
