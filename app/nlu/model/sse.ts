/** A line longer than this is no event of anybody's. */
const longestLine = 1_000_000;

/**
 * The data of each event in a stream of server-sent events (WHATWG HTML, 9.2): lines end in LF, CR LF or CR, those of one
 * event are joined, an empty line ends it. Comments and other fields are passed over.
 * @throws RangeError when a line has no end.
 */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let data: string[] = [];
  let rest = '';
  for await (const piece of body) {
    rest += decoder.decode(piece, { stream: true });
    // A CR at the end may be the first half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new RangeError('a line has no end');
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    }
  }
  // Some servers leave the last empty line out.
  const last = rest.trimEnd();
  if (last.startsWith('data:')) data.push(last.slice('data:'.length).trimStart());
  if (data.length > 0) yield data.join('\n');
}
