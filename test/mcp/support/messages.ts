/** What goes between a client and a server. */

export interface Message {
  readonly id?: string | number
  readonly method?: string
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a message of ours holds
  readonly params?: any
  readonly result?: unknown
  readonly error?: unknown
}

export const tool = (name: string, more: object = {}) => ({
  name,
  description: name,
  inputSchema: { type: "object", properties: {} },
  ...more
})

export const text = (text: string) => ({ content: [{ type: "text", text }] })

export const initialized = (more: object = {}) => ({
  protocolVersion: "2025-06-18",
  capabilities: { tools: {} },
  serverInfo: { name: "odd", version: "1" },
  ...more
})
