/**
 * Texts of any length in messages.
 */

/** The text, or its beginning and how long it is. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}... (${text.length} characters)` : text
