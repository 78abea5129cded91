// What is installed for the checks: by a lock file that binds nobody to a registry, and under licences that let it be used.

import { readFileSync } from 'node:fs'
import path from 'node:path'

import { TOOLS } from './run.mjs'

const PERMISSIVE =
  /^\(?(?:(?:MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0|Zlib|Unlicense|Python-2\.0)(?: (?:OR|AND) )?)+\)?$/
/** They say it in a file, not in their package.json: MIT, MIT, Apache-2.0, MIT. */
const SAID_ELSEWHERE = ['dom-walk', 'exif-parser', 'qrcode-terminal', 'string.fromcodepoint']

export async function lock({ check, same }) {
  const text = readFileSync(path.join(TOOLS, 'package-lock.json'), 'utf8')
  const packages = Object.entries(JSON.parse(text).packages).filter(([at]) => at)
  check('it locks many packages', packages.length > 300, packages.length)
  same(
    'each by its content, and none by an address',
    packages.filter(([, one]) => one.resolved || !one.integrity).map(([at]) => at),
    [],
  )
  const strange = packages.filter(
    ([at, { license }]) =>
      !PERMISSIVE.test(license ?? '') && !SAID_ELSEWHERE.includes(at.split('node_modules/').at(-1)),
  )
  same(
    'all licences are permissive',
    strange.map(([at, { license }]) => `${at}: ${license}`),
    [],
  )
}
