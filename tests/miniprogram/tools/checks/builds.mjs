// Real builds that import the package by its name, run against the local world.

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

import { Phone } from '../../phone/phone.mjs'
import { World } from '../../phone/world.mjs'
import { createWx } from '../../phone/wx.mjs'
import { told } from '../../scenes/common.mjs'
import { MODULES, TOOLS, run, tool } from './run.mjs'
import { UniHost } from './uni-host.mjs'

const NOW = '2027-01-10T10:00:00+08:00'
const UNI = path.join(MODULES, '@dcloudio/vite-plugin-uni/bin/uni.js')

export async function builds(checks) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'builds-'))
  let world = null
  try {
    world = await World.start({ basePort: checks.basePort, now: NOW })
    await vite(path.join(folder, 'vite'), world, checks)
    await uniApp(path.join(folder, 'uni'), world, checks)
  } finally {
    await world?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function vite(folder, world, { check, same }) {
  const built = await tool('vite', ['build', '--outDir', folder, '--emptyOutDir'], {
    cwd: path.join(TOOLS, 'builds/vite'),
  })
  check('Vite builds it', built.ok, built.said)
  const phone = await Phone.of(world, '小维')
  phone.launch = { scene: 1001 }
  const { opens } = createRequire(import.meta.url)(path.join(folder, 'main.cjs'))
  const app = await opens(createWx(phone), world.api)
  phone.turn(true)
  const found = await app.saves('2027-01-10')
  same('a birthday of the lunar calendar is saved for its day', [found.day, found.note], ['2027-02-20', '农历正月十五'])
  same(
    'the prompt follows in the same tap',
    [phone.prompts, found.asked.accepted.length, found.said],
    [1, 1, '还有 1 次提醒，都能送达'],
  )
}

async function uniApp(folder, world, { check, same }) {
  const env = { UNI_OUTPUT_DIR: folder, VITE_REMINDERS_API: world.api, NODE_ENV: 'production' }
  const built = await run(process.execPath, [UNI, 'build', '-p', 'mp-weixin'], {
    cwd: path.join(TOOLS, 'builds/uni'),
    env,
  })
  check('uni-app builds it for WeChat', built.ok, built.said)
  const phone = await Phone.of(world, '小优')
  const host = new UniHost(folder, phone)
  await host.opens('pages/index/index')
  same(
    'it logs in and asks who the user is',
    phone.requests.map((one) => one.path.split('?')[0]),
    ['/login', '/me'],
  )
  await host.taps()
  check(
    'it saves, asks in the same tap, and says so',
    JSON.stringify(host.data).includes('还有 1 次提醒，都能送达'),
    JSON.stringify([host.data, phone.requests]),
  )
  same('one prompt was shown', phone.prompts, 1)
  await world.passesTo('2027-02-22T09:01:00+08:00')
  same('and the message comes', (await told(phone)).length, 1)
}
