/**
 * The beginning of what a server sent, for an error's message.
 *
 * A server may repeat the key. The key is taken out later, where it is known, and only then is the message cut to what is
 * shown. So more is kept here, and the text is cut between two words: half a key would not be recognised.
 */
export const excerpt = (text: string): string => {
  if (text.length <= longest) return text
  let end = longest
  while (end > shortest && text.charCodeAt(end - 1) > 32) end--
  if (end === shortest) { for (end = longest; end > shortest && isWord(text.charCodeAt(end - 1));) end-- }
  return `${text.slice(0, end)} ... (${text.length} characters)`
}

const longest = 16_000
const shortest = 1000

/** Whether a key may hold the character. */
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 43 && code <= 57) || code === 95 ||
  code === 61 || code === 126
