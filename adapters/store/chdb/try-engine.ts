/** Loads the engine in this process and has it compute something. Returns its version; throws what loading throws. */
export async function tryEngine(): Promise<string> {
  const { query } = await import('chdb')
  return String(query('SELECT version()', 'TabSeparated')).trim()
}
