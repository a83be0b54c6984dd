/** What the benchmarks of fresh processes share. */

/** Measures each subject once a round, after a round that does not count: it fills the system's caches, and Node's. */
export const inTurn = async <A>(
  subjects: Readonly<Record<string, A>>,
  measure: (subject: A) => number | Promise<number>,
  rounds: number
): Promise<ReadonlyMap<string, ReadonlyArray<number>>> => {
  const all = new Map(Object.keys(subjects).map((name) => [name, [] as Array<number>]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const measured = await measure(subject)
      if (round >= 0) all.get(name)!.push(measured)
    }
  }
  return all
}
