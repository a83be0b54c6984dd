/**
 * Stack traces in what a program says of its failure: they are for who wrote the program, and hide the message from everybody
 * else.
 */

/** The text without the lines of stack traces, in the words of whichever language; the messages between them stay. */
export const withoutFrames = (text: string): string => frames.reduce((text, frame) => text.replace(frame, ""), text)

/** Whole lines, with their ends. */
const lines = (...patterns: ReadonlyArray<string>): ReadonlyArray<RegExp> =>
  patterns.map((pattern) => new RegExp(`^[ \\t]*(?:${pattern})[ \\t]*$(?:\\r?\\n)?`, "gm"))

const frames: ReadonlyArray<RegExp> = [
  // JavaScript: `at f (file:///a.js:1:2)`, `at node:internal/a:1:2 {`, `at async Promise.all (index 0)`.
  ...lines(
    String.raw`at .*(?::\d+:\d+\)?|\(<anonymous>\)|\(native\)|\(index \d+\)|\((?:node|file):[^()\n]*\))(?: \{)?`,
    String.raw`\.\.\. \d+ lines matching cause stack trace \.\.\.`
  ),
  // Java and .NET: `at com.x.Y.z(Y.java:12)`, `at X.Y.Z(String s) in /x.cs:line 3`, `... 12 more`.
  ...lines(
    String.raw`at (?=[^\s(]*\.)[^\s(]+\([^()\n]*\)(?: ~?\[.*| in .*)?`,
    String.raw`\.\.\. \d+ (?:more|common frames omitted)`,
    String.raw`--- End of .*stack trace.* ---`
  ),
  // Python: the place, and the code there with what it is underlined by. A group of exceptions has a bar before each line.
  /^[ \t|]*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):[ \t]*$(?:\r?\n)?/gm,
  /^([ \t|]*)File "[^"\n]*", line \d+.*(?:\r?\n\1[ \t]+\S.*)*$(?:\r?\n)?/gm,
  // Go: the function, and on the next line the place.
  ...lines(String.raw`goroutine \d+.*\[.*\]:`),
  /^(?:created by .*|\S.*\))\r?\n[ \t]+\S+\.(?:go|s):\d+.*$(?:\r?\n)?/gm,
  // Ruby, PHP and Rust: `from x.rb:3:in 'f'`, `#0 /x.php(3): f()`, `4: core::panicking::panic`.
  ...lines(
    String.raw`from .+:\d+:in .*`,
    String.raw`Stack trace:|stack backtrace:`,
    String.raw`#\d+ (?:\{main\}|\S+\(\d+\): .*|\[internal function\]: .*)`,
    String.raw`\d+: +(?:0x[0-9a-f]+ - )?(?:\w+::|<.* as ).*`,
    String.raw`at \S+\.rs:\d+(?::\d+)?`
  )
]
