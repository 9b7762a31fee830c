/** A document of `## ` sections; what comes before the first one has the title ''. */
type Sections = Map<string, string>;

const targetsTitle = 'Targets';
const headRows = 2;

/** The old report, with the sections and the targets of a fresh one that holds some of them in the place of its own. */
export function renewed(old: string, fresh: string): string {
  const sections = sectionsOf(old);
  for (const [title, body] of sectionsOf(fresh)) {
    const before = sections.get(title);
    if (title === targetsTitle && before !== undefined) sections.set(title, withRows(before, body));
    else if (title !== '') sections.set(title, body);
  }
  return [...sections].map(([title, body]) => (title === '' ? body : `## ${title}\n\n${body}`)).join('\n\n');
}

function sectionsOf(text: string): Sections {
  const [head = '', ...rest] = text.split(/^## /m);
  const sections: Sections = new Map([['', head.trim()]]);
  for (const section of rest) {
    const end = section.indexOf('\n');
    sections.set(section.slice(0, end).trim(), section.slice(end).trim());
  }
  return sections;
}

/** A row is known by its first cell. */
function withRows(old: string, fresh: string): string {
  const nameOf = (row: string): string => row.split('|')[1]?.trim() ?? '';
  const rows = new Map(old.split('\n').map((row) => [nameOf(row), row]));
  for (const row of fresh.split('\n').slice(headRows)) rows.set(nameOf(row), row);
  return [...rows.values()].join('\n');
}
