// The frame in which the phone runs a mini program: WeChat's component engine on the mini program's own files.
// The page around it is the phone (`parent.phone`): it has the user's hands, sheets, storage and network.

import { MiniProgramEnv } from '/page/engine/adapter.js'
import { load } from '/page/engine/compiler.js'

import { Backend } from './backend.mjs'
import { defineElements } from './elements.mjs'
import { Program } from './program.mjs'
import { Stack } from './stack.mjs'
import { Tap } from './tap.mjs'
import { createWx } from './wx.mjs'

const phone = window.parent.phone

function failed(error) {
  phone.failed(error?.stack ?? error?.errMsg ?? String(error))
}

window.addEventListener('error', (event) => failed(event.error ?? event.message))
window.addEventListener('unhandledrejection', (event) => failed(event.reason))

/** The phone's clock is the world's. */
const RealDate = Date
class WorldDate extends RealDate {
  constructor(...of) {
    super(...(of.length ? of : [phone.now()]))
  }

  static now() {
    return phone.now()
  }
}

async function start() {
  const [compiler, program] = await Promise.all([load(fetch('/page/engine/compiler.wasm')), Program.read()])
  const tap = new Tap()
  const backend = new Backend(tap)
  const env = new MiniProgramEnv()
  const space = env.createCodeSpace('app', true)
  const stack = new Stack({ phone, program, space, associated: env.associateBackend(backend), failed })
  const wx = createWx({ phone, stack, program, tap })
  defineElements({ phone, stack, program })
  const globals = { wx, Date: WorldDate, getCurrentPages: () => stack.pages.map((page) => page.caller) }
  await program.prepare({ compiler, space, globals, failed })
  stack.watchTheme()
  phone.isReady({
    opens: (options) => stack.opens(options),
    back: () => stack.back(),
    shown: (options) => stack.comesToFront(options),
    hidden: () => stack.goesToBackground(),
    card: (path, query) => stack.cardTapped(path, query),
    pullDown: () => stack.top?.run('onPullDownRefresh'),
    depth: () => stack.pages.length,
    at: () => stack.address(),
    themed: () => stack.watchTheme(),
  })
}

start().catch(failed)
