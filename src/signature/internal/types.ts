/**
 * The types of signatures' texts, in words.
 */

const python = "str, int, float, bool, Any, None, datetime, date, list[T], set[T], tuple[T, U], dict[str, T]"
const both = "Literal['a', 'b'], T | U, { name: T }, Image, Audio, File, History"
const others = "Signature.fromSchemas takes any Schema"

/** What is said of a type that is not known. */
export const typesThereAre = `there are ${python}, ${both} and TypeScript's words for them; ${others}` as const
