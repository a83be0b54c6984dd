/** Stack traces of all languages, as programs write them. */

const node = (frames: number) =>
  `file:///srv/app/server.js:12
    throw new Error("no database")
          ^

Error: no database
${"    at Socket.<anonymous> (file:///srv/app/node_modules/pg/lib/client.js:12:7)\n".repeat(frames)}\
    at async Promise.all (index 0)
    at Pipe.onStreamRead (node:internal/stream_base_commons:191:23) {
  code: 'E1',
  [cause]: TypeError: no host
      at node:internal/dns:1:2
      ... 7 lines matching cause stack trace ...
}

Node.js v24.1.0
`

/** What a program wrote, and the lines that are left of it. */
export const traces: ReadonlyArray<readonly [language: string, written: string, left: ReadonlyArray<string>]> = [
  ["Node", node(20), [
    "file:///srv/app/server.js:12",
    "    throw new Error(\"no database\")",
    "Error: no database",
    "  code: 'E1',",
    "  [cause]: TypeError: no host",
    "}"
  ]],
  [
    "Python",
    `Traceback (most recent call last):
  File "/srv/server.py", line 3, in <module>
    raise ValueError(
        "no database")
    ~~~~~~^^^^^
ValueError: no database
  at the second line of it

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/server.py", line 5, in f
KeyError: 'x'
`,
    [
      "ValueError: no database",
      "  at the second line of it",
      "During handling of the above exception, another exception occurred:",
      "KeyError: 'x'"
    ]
  ],
  [
    "a group of exceptions in Python",
    `  + Exception Group Traceback (most recent call last):
  |   File "/srv/server.py", line 3, in <module>
  |     raise ExceptionGroup("two")
  | ExceptionGroup: two (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/server.py", line 2, in f
    |     f()
    | ValueError: no database
`,
    [
      "| ExceptionGroup: two (1 sub-exception)",
      "  +-+---------------- 1 ----------------",
      "    | ValueError: no database"
    ]
  ],
  [
    "Java",
    `Exception in thread "main" com.x.NoDatabase: no database
\tat com.x.Server.<init>(Server.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:833) ~[?:?]
Caused by: java.io.IOException: no host
\tat com.x.Host$1.find(Unknown Source)
\t... 12 more
`,
    ["Exception in thread \"main\" com.x.NoDatabase: no database", "Caused by: java.io.IOException: no host"]
  ],
  [
    ".NET",
    `Unhandled exception. System.Exception: no database\r
   at X.Server.<>c.<Run>b__0(String name, Int32 port) in /src/Server.cs:line 3\r
--- End of stack trace from previous location ---\r
   at X.Program.Main()\r
`,
    ["Unhandled exception. System.Exception: no database"]
  ],
  [
    "Go",
    `panic: no database

goroutine 1 [running]:
main.(*Server).Run(0xc000012345, {0x1, 0x2})
\t/srv/main.go:5 +0x18
main.main()
\t/srv/main.go:9
created by main.start in goroutine 7
\t/srv/main.go:3 +0x1d
exit status 2
`,
    ["panic: no database", "exit status 2"]
  ],
  [
    "Rust",
    `thread 'main' panicked at src/main.rs:4:5:
no database
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
   2: <alloc::boxed::Box<F> as core::ops::function::FnOnce>::call_once
note: run with RUST_BACKTRACE=full
`,
    [
      "thread 'main' panicked at src/main.rs:4:5:",
      "no database",
      "   0: rust_begin_unwind",
      "note: run with RUST_BACKTRACE=full"
    ]
  ],
  [
    "Ruby",
    `server.rb:3:in 'connect': no database (RuntimeError)
\tfrom server.rb:9:in 'block in run'
`,
    ["server.rb:3:in 'connect': no database (RuntimeError)"]
  ],
  [
    "PHP",
    `PHP Fatal error:  Uncaught Exception: no database
Stack trace:
#0 server.php(3): connect('x')
#1 [internal function]: run()
#2 {main}
  thrown
`,
    ["PHP Fatal error:  Uncaught Exception: no database", "  thrown"]
  ],
  [
    "words that are no trace",
    `at noon (in Paris)
at home, at 3 o'clock
1: save as draft
2: see a::b
from here on: no
#1 of 3
File "a.txt" is gone
... 12 more of them
goroutine 1 is gone
`,
    [
      "at noon (in Paris)",
      "at home, at 3 o'clock",
      "1: save as draft",
      "2: see a::b",
      "from here on: no",
      "#1 of 3",
      "File \"a.txt\" is gone",
      "... 12 more of them",
      "goroutine 1 is gone"
    ]
  ]
]
