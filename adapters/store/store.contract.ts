import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  array,
  float64,
  int8,
  int64,
  map,
  nullable,
  string,
  uint8,
  uint16,
  uint32,
  uint64,
} from './row-binary.fixture.ts'
import type { InsertBatch, Store } from './store.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Stops what can be stopped and opens the same data again. */
  reopen(): Promise<Store>
  close(): Promise<void>
}

const WINDOWS =
  'SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000, ' +
  'replicated_deduplication_window_seconds = 604800'

/** What every store does; both adapters pass it. */
export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${name}`, () => {
    let opened: StoreUnderTest
    let store: Store
    let tables = 0

    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(() => opened?.close())

    async function table(columns: string, tail = `ENGINE = MergeTree ORDER BY tuple() ${WINDOWS}`): Promise<string> {
      const created = `contract_${++tables}`
      await store.execute(`DROP TABLE IF EXISTS ${created} SYNC`)
      await store.execute(`CREATE TABLE ${created} (${columns}) ${tail}`)
      return created
    }

    const numbers = (into: string, ids: readonly number[], token: string): InsertBatch => ({
      table: into,
      columns: ['id'],
      rows: [Buffer.concat(ids.map(uint32))],
      row_count: ids.length,
      token,
    })

    async function ids(from: string): Promise<readonly number[]> {
      const rows = await store.query<{ id: number }>(`SELECT id FROM ${from} ORDER BY id`)
      return rows.map((row) => row.id)
    }

    it('is healthy and names its engine', async () => {
      expect(await store.health()).toMatchObject({ healthy: true, engine_version: expect.stringMatching(/^\d+\.\d+/) })
    })

    it('brings back every type of column the product uses', async () => {
      const types = await table(
        'text String, low LowCardinality(String), u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i64 Int64, f Float64, ' +
          'f_nan Float64, at DateTime64(9), none Nullable(Float64), some Nullable(UInt32), list Array(String), ' +
          'pairs Array(Tuple(code String, size UInt32)), attributes Map(String, String), ' +
          "kind Enum8('llm' = 1, 'tool' = 2), digest FixedString(4), flag Bool, n_name Array(LowCardinality(String))",
      )
      const pair = ([code, size]: readonly [string, number]) => Buffer.concat([string(code), uint32(size)])
      const columns =
        'text low u8 u16 u32 u64 i64 f f_nan at none some list pairs attributes kind digest flag n_name'.split(' ')
      await store.insert({
        table: types,
        columns,
        row_count: 1,
        token: 'types',
        rows: [
          string('größer 🙂'),
          string('gpt-4o'),
          uint8(255),
          uint16(65_535),
          uint32(4_294_967_295),
          uint64(18_446_744_073_709_551_615n),
          int64(-9_223_372_036_854_775_808n),
          float64(0.1),
          float64(Number.NaN),
          int64(1_700_000_000_123_456_789n),
          nullable(float64)(null),
          nullable(uint32)(7),
          array(string)(['a', '', "q'"]),
          array(pair)([
            ['x', 1],
            ['y', 2],
          ]),
          map(string)({ 'gen_ai.system': 'openai', '': 'empty' }),
          int8(2),
          Buffer.from('abcd'),
          uint8(1),
          array(string)(['one', 'two']),
        ],
      })
      const [row] = await store.query(`SELECT *, toUnixTimestamp64Nano(at) AS at_ns FROM ${types}`)
      expect(row).toMatchObject({
        text: 'größer 🙂',
        low: 'gpt-4o',
        u8: 255,
        u16: 65_535,
        u32: 4_294_967_295,
        u64: '18446744073709551615',
        i64: '-9223372036854775808',
        f: 0.1,
        f_nan: null,
        at_ns: '1700000000123456789',
        none: null,
        some: 7,
        list: ['a', '', "q'"],
        pairs: [
          { code: 'x', size: 1 },
          { code: 'y', size: 2 },
        ],
        attributes: { 'gen_ai.system': 'openai', '': 'empty' },
        kind: 'tool',
        digest: 'abcd',
        flag: true,
        n_name: ['one', 'two'],
      })
    })

    it('keeps texts with blank lines, SQL, NUL and a megabyte, and leaves other tables alone (trap: inline data)', async () => {
      const victim = await table('id UInt32')
      await store.insert(numbers(victim, [1], 'victim'))
      const texts = await table('n UInt32, text String')
      const values = [`a\n\nDROP TABLE ${victim};\n\n`, '\n\n', 'x\0y', 'é'.repeat(500_000), '\\N', "');"]
      await store.insert({
        table: texts,
        columns: ['n', 'text'],
        row_count: values.length,
        token: 'texts',
        rows: values.map((value, n) => Buffer.concat([uint32(n), string(value)])),
      })
      const rows = await store.query<{ text: string }>(`SELECT text FROM ${texts} ORDER BY n`)
      expect(rows.map((row) => row.text)).toEqual(values)
      expect(await ids(victim)).toEqual([1])
    })

    it('keeps bytes that are no UTF-8, and a column whose bytes are all line feeds', async () => {
      const bytes = await table('n UInt64, raw String')
      const n = 0x0a0a_0a0a_0a0a_0a0an
      await store.insert({
        table: bytes,
        columns: ['n', 'raw'],
        row_count: 1,
        token: 'bytes',
        rows: [uint64(n), string(Buffer.from([0x0a, 0x0a, 0xff, 0x00, 0x0a]))],
      })
      expect(await store.query(`SELECT n, hex(raw) AS raw FROM ${bytes}`)).toEqual([
        { n: String(n), raw: '0A0AFF000A' },
      ])
    })

    it('takes rows in chunks cut anywhere', async () => {
      const cut = await table('id UInt32')
      const all = Buffer.concat([1, 2, 3, 4, 5].map(uint32))
      const rows = [all.subarray(0, 3), all.subarray(3, 3), all.subarray(3, 14), all.subarray(14)]
      await store.insert({ ...numbers(cut, [], 'cut'), rows, row_count: 5 })
      expect(await ids(cut)).toEqual([1, 2, 3, 4, 5])
    })

    it('inserts the same token once', async () => {
      const once = await table('id UInt32')
      await store.insert(numbers(once, [1, 2], 'same'))
      await store.insert(numbers(once, [1, 2], 'same'))
      expect(await ids(once)).toEqual([1, 2])
    })

    it('inserts equal rows under another token again (trap: a token stays on the connection)', async () => {
      const twice = await table('id UInt32')
      await store.insert(numbers(twice, [1], 'first'))
      await store.insert(numbers(twice, [1], 'second'))
      await store.insert(numbers(twice, [3], 'third'))
      expect(await ids(twice)).toEqual([1, 1, 3])
    })

    it('recognises a token over several partitions', async () => {
      const days = await table('id UInt32', `ENGINE = MergeTree PARTITION BY id % 10 ORDER BY id ${WINDOWS}`)
      const batch = numbers(days, [1, 2, 3, 11, 12, 25], 'partitions')
      await store.insert(batch)
      await store.insert(batch)
      expect(await ids(days)).toEqual([1, 2, 3, 11, 12, 25])
    })

    it('needs a token of its own for every piece of a batch', async () => {
      const pieces = await table('id UInt32')
      await store.insert(numbers(pieces, [1, 2], 'batch:0'))
      await store.insert(numbers(pieces, [3, 4], 'batch:1'))
      expect(await ids(pieces)).toEqual([1, 2, 3, 4])
      // Why: one token for two pieces loses the second.
      await store.insert(numbers(pieces, [5], 'batch:1'))
      expect(await ids(pieces)).toEqual([1, 2, 3, 4])
    })

    it('forgets a token only beyond the window', async () => {
      const small = await table(
        'id UInt32',
        'ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 3',
      )
      const wide = await table('id UInt32')
      for (const into of [small, wide]) {
        for (const id of [1, 2, 3, 4, 5]) await store.insert(numbers(into, [id], `token-${id}`))
        await store.insert(numbers(into, [1], 'token-1'))
        await store.insert(numbers(into, [5], 'token-5'))
      }
      expect(await ids(small)).toEqual([1, 1, 2, 3, 4, 5])
      expect(await ids(wide)).toEqual([1, 2, 3, 4, 5])
    })

    it('inserts synchronously although the engine would not (trap: async_insert=1)', async () => {
      const [setting] = await store.query("SELECT default FROM system.settings WHERE name = 'async_insert'")
      expect(setting).toEqual({ default: '1' })
      const parts = await table('id UInt32')
      for (const id of [1, 2, 3]) {
        await store.insert(numbers(parts, [id], `part-${id}`))
        const [row] = await store.query(
          'SELECT sum(rows) AS rows FROM system.parts WHERE active AND database = currentDatabase() AND table = {parts:String}',
          { params: { parts } },
        )
        expect(row).toEqual({ rows: String(id) })
      }
    })

    it('refuses rows that do not fit, names no text of theirs, and keeps nothing', async () => {
      const strict = await table("text String, kind Enum8('a' = 1)")
      const good = Buffer.concat([string('a secret'), int8(1)])
      const batch = { table: strict, columns: ['text', 'kind'], row_count: 2, token: 'bad' }
      for (const bad of [good.subarray(0, -1), Buffer.from([0xff]), Buffer.concat([good, Buffer.from([200, 1])])]) {
        const failed = store.insert({ ...batch, rows: [good, bad] })
        await expect(failed).rejects.toMatchObject({ code: 'STORE_FAILED', retry: 'later' })
        await expect(failed).rejects.not.toThrow(/secret/)
      }
      expect(await store.query(`SELECT count() AS n FROM ${strict}`)).toEqual([{ n: '0' }])
      await store.insert({ ...batch, rows: [good, good] })
      expect(await store.query(`SELECT count() AS n FROM ${strict}`)).toEqual([{ n: '2' }])
    })

    it('refuses an insert into a table or column that is not there, or with a name that is none', async () => {
      const there = await table('id UInt32')
      const batch = numbers(there, [1], 'nowhere')
      const wrong: readonly Partial<InsertBatch>[] = [
        { table: 'no_such_table' },
        { columns: ['no_such_column'] },
        { columns: [] },
        { table: `${there} (id) SELECT 1; DROP TABLE ${there}; --` },
        { columns: ['id) SELECT 1; --'] },
        { token: 'a\nb' },
        { token: '' },
      ]
      for (const change of wrong) {
        await expect(store.insert({ ...batch, ...change })).rejects.toMatchObject({ code: 'STORE_FAILED' })
      }
      await store.insert({ ...batch, token: "quote ' backslash \\ `tick`" })
      expect(await ids(there)).toEqual([1])
    })

    it('binds parameters of every kind; what they hold stays data', async () => {
      const params = {
        text: 'x\'; DROP TABLE t; -- \\ \n\t\r\0 `"',
        list: ["a'b", 'c\\d', '', 'e\nf', 'größer'],
        big: 18_446_744_073_709_551_615n,
        negative: -5,
        ratio: 0.25,
        yes: true,
        no: false,
        limit: 1,
        name: 'dummy',
      }
      const rows = await store.query(
        'SELECT {text:String} AS text, {list:Array(String)} AS list, {big:UInt64} AS big, {negative:Int32} AS negative, ' +
          '{ratio:Float64} AS ratio, {yes:Bool} AS yes, {no:Bool} AS no, {name:Identifier} AS name ' +
          'FROM system.one LIMIT {limit:UInt32}',
        { params },
      )
      const { limit, ...values } = params
      expect(rows).toEqual([{ ...values, big: String(params.big), name: 0 }])
      expect(limit).toBe(1)
    })

    it('gives every query its own parameters, also at the same time', async () => {
      const asked = Array.from({ length: 20 }, (_, index) => `value ${index}`)
      const answers = await Promise.all(
        asked.map((value) => store.query<{ v: string }>('SELECT {v:String} AS v', { params: { v: value } })),
      )
      expect(answers.map((rows) => rows[0]?.v)).toEqual(asked)
      await expect(store.query('SELECT {v:String} AS v')).rejects.toMatchObject({ code: 'QUERY_FAILED' })
    })

    it('refuses parameters that are not of their type', async () => {
      const hostile = [
        ['SELECT {n:UInt8} AS n', { n: '1 OR 1 = 1' }],
        ['SELECT * FROM {t:Identifier}', { t: 'system.one; DROP TABLE x' }],
        ['SELECT {a:Array(UInt8)} AS a', { a: ["1'] , 2"] }],
      ] as const
      for (const [sql, params] of hostile)
        await expect(store.query(sql, { params })).rejects.toMatchObject({ code: 'QUERY_FAILED' })
    })

    it('replaces half an emoji instead of failing (trap: lone surrogates)', async () => {
      expect(await store.query('SELECT {v:String} AS v', { params: { v: 'cut \ud83d' } })).toEqual([
        { v: 'cut \ufffd' },
      ])
    })

    it('stops a query at its limit and goes on', async () => {
      const slow = 'SELECT count() AS n FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
      await expect(store.query(slow, { timeout_ms: 500 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
      expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    })

    it('says why a query failed', async () => {
      await expect(store.query('SELECT nope FROM system.one')).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        message: expect.stringContaining('nope'),
      })
      await expect(store.query('SELEC')).rejects.toMatchObject({ code: 'QUERY_FAILED' })
      await expect(store.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: 'QUERY_FAILED' })
      expect(await store.query("SELECT ';' AS text;")).toEqual([{ text: ';' }])
    })

    it('does not write through query', async () => {
      const kept = await table('id UInt32')
      await store.insert(numbers(kept, [1], 'kept'))
      for (const sql of [`DROP TABLE ${kept}`, `INSERT INTO ${kept} SELECT 2`, `ALTER TABLE ${kept} DELETE WHERE 1`])
        await expect(store.query(sql)).rejects.toMatchObject({ code: 'QUERY_FAILED' })
      expect(await ids(kept)).toEqual([1])
    })

    it('inserts while queries run (trap: a connection runs one statement at a time)', async () => {
      const busy = await table('id UInt32')
      const asleep = store.query('SELECT sleep(1.5) AS s')
      const started = performance.now()
      await store.insert(numbers(busy, [1], 'busy'))
      expect(await ids(busy)).toEqual([1])
      expect(performance.now() - started).toBeLessThan(1_200)
      await asleep
    })

    it('answers queries while many inserts run, and sees whole batches only', async () => {
      const stream = await table('id UInt32')
      const batches = Array.from({ length: 10 }, (_, batch) => Array.from({ length: 100 }, (_, i) => batch * 100 + i))
      const inserted = Promise.all(batches.map((batch, index) => store.insert(numbers(stream, batch, `b-${index}`))))
      for (let look = 0; look < 10; look++) {
        const [row] = await store.query<{ n: string }>(`SELECT count() AS n FROM ${stream}`)
        expect(Number(row?.n) % 100).toBe(0)
      }
      await inserted
      expect((await ids(stream)).length).toBe(1000)
    })

    it('reports a statement that fails, and runs one at a time only', async () => {
      await expect(store.execute('CREATE TABLE broken (id Nope) ENGINE = Memory')).rejects.toMatchObject({
        code: 'QUERY_FAILED',
      })
      const two = await table('id UInt32')
      await expect(store.execute(`DROP TABLE ${two}; DROP TABLE ${two}`)).rejects.toMatchObject({
        code: 'QUERY_FAILED',
      })
      expect(await ids(two)).toEqual([])
    })

    it('remembers rows and tokens when it is opened again', async () => {
      const lasting = await table('id UInt32')
      await store.insert(numbers(lasting, [1, 2], 'lasting'))
      store = await opened.reopen()
      expect(await ids(lasting)).toEqual([1, 2])
      await store.insert(numbers(lasting, [1, 2], 'lasting'))
      expect(await ids(lasting)).toEqual([1, 2])
      await store.insert(numbers(lasting, [3], 'next'))
      expect(await ids(lasting)).toEqual([1, 2, 3])
    })
  })
}
