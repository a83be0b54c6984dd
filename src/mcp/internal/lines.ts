/**
 * The lines of a text, as it arrives. Of one that is too long the beginning is kept, and the rest passed over.
 */
export interface Line {
  readonly text: string
  readonly isCut: boolean
}

export interface Lines {
  readonly push: (text: string) => ReadonlyArray<Line>
  /** The line that the end leaves open. */
  readonly end: () => ReadonlyArray<Line>
}

export const make = (mostCharacters: number): Lines => {
  /** The pieces of a line that has not ended: joined once, when it does. */
  let open: Array<string> = []
  let length = 0

  const add = (piece: string): void => {
    const room = Math.max(0, mostCharacters - length)
    if (room > 0) open.push(piece.slice(0, room))
    length += piece.length
  }

  const close = (): Line => {
    const line = { text: open.join(""), isCut: length > mostCharacters }
    open = []
    length = 0
    return line
  }

  return {
    push: (text) => {
      const lines: Array<Line> = []
      let start = 0
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
        add(text.slice(start, end))
        lines.push(close())
        start = end + 1
      }
      add(text.slice(start))
      return lines
    },
    end: () => length === 0 ? [] : [close()]
  }
}
