/**
 * Text under a marker: how inputs stand in a prompt, and a reply's fields where the adapter is Chat.
 */

/** The line above a field's text. */
export const marker = (name: string): string => `[[ ## ${name} ## ]]`

export const section = (name: string, text: string): string => `${marker(name)}\n${text}`
