/** What a caller on loopback offers and answers (RFC 4566): mu-law, 20 ms a packet, and digits as events, as telephones do. */
export function sdpOf(host: string, port: number): string {
  const lines = [
    'v=0',
    `o=- ${port} 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Where the other side wants its audio; undefined when it wants none. */
export function mediaOf(sdp: string): { readonly host: string; readonly port: number } | undefined {
  const host = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
  const port = Number(/^m=audio (\d+) /m.exec(sdp)?.[1] ?? 0);
  return host === undefined || port === 0 ? undefined : { host, port };
}
