/** What the signs of an address are called in a language. */
export interface AddressWords {
  readonly dot: string;
  readonly slash: string;
  readonly at: string;
  readonly underscore: string;
  readonly dash: string;
  readonly port: string;
}

/** An address of the net as it is read out, without what nobody says (https://, www, what follows ? and #). */
export function spokenAddress(address: string, words: AddressWords): string {
  return address
    .replace(/^(?:https?|ftp|sip|sips|mailto):(?:\/\/)?/i, '')
    .replace(/^www\./i, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/[.]/g, ` ${words.dot} `)
    .replace(/[/]/g, ` ${words.slash} `)
    .replace(/@/g, ` ${words.at} `)
    .replace(/_/g, ` ${words.underscore} `)
    .replace(/-/g, ` ${words.dash} `)
    .replace(/:(\d+)/g, ` ${words.port} $1`)
    .replace(/[^\p{L}\p{N}\s]/gu, ' ');
}
