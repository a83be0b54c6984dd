/** The library's version, as `package.json` has it, which a program in a browser cannot read. */
export const version = "0.1.0"
