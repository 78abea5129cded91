// The list in TypeScript in the place of the one in JavaScript, on a phone of the local world.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { Phone } from '../../phone/phone.mjs'
import { World } from '../../phone/world.mjs'
import { adds, faultless } from '../../scenes/common.mjs'
import { SAMPLE } from './run.mjs'

const ts = createRequire(import.meta.url)('typescript')
const NOW = '2027-01-10T10:00:00+08:00'

export async function typescriptPage({ check, same, basePort }) {
  const source = readFileSync(path.join(SAMPLE, 'typescript/pages/list/list.ts'), 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2020, strict: true },
  })
  const world = await World.start({ basePort, now: NOW })
  try {
    const overlay = { 'pages/list/list.js': outputText, 'reminders-miniprogram-client': 'lib/index.js' }
    const phone = await Phone.of(world, '小泰', { overlay })
    await phone.opens({ scene: 1047 })
    check('the list is empty at first', phone.text().includes('还没有物品'), phone.text())
    await adds(phone, '护照')
    await phone.opens({ page: 'pages/list/list' })
    same('then it has the item', phone.byClass('item'), ['护照 2027年3月1日 到期 下次提醒：2027年1月30日 09:00'])
    await phone.taps('护照')
    check('a tap opens it', phone.at.startsWith('pages/item/item?id='), phone.at)
    faultless(same, phone)
  } finally {
    await world.stop()
  }
}
