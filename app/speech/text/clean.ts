/** Characters that no synthesiser can speak, in any language. */

const quotes: Readonly<Record<string, string>> = { '‘': "'", '’': "'", '‚': "'", '‛': "'", ʼ: "'" };

/**
 * Normal forms for spaces, quotes, dashes and dots; emoji, control and private characters dropped. Quotation marks go, since
 * some synthesisers name them. An en dash stays (it may stand in a range), other dashes become a comma where they are a pause.
 */
export function cleanText(text: string): string {
  return (
    text
      .normalize('NFC')
      // A keycap ("2️⃣") is its digit.
      .replace(/\uFE0F?\u20E3/g, '')
      .replace(/[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1F1E6}-\u{1F1FF}]/gu, (symbol) =>
        '©®™'.includes(symbol) ? '' : ' ',
      )
      .replace(/[\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF\u00AD]/g, '')
      .replace(/[\p{Zs}\t\r\n\v\f]+/gu, ' ')
      .replace(/[\p{Cc}\p{Co}\p{Cn}\uFFFD]/gu, '')
      .replace(/[‘’‚‛ʼ]/g, (quote) => quotes[quote] ?? quote)
      .replace(/["“”„‟«»‹›]/g, '')
      .replace(/[−‐‑‒﹣－]/g, '-')
      .replace(/\s*—\s*|\s+[–-]{1,3}\s+|--+/g, ', ')
      .replace(/\s*(?:…|\.{3,})/g, '. ')
  );
}
