// Whether a tap is being handled. It is for as long as nothing is awaited but microtasks, and it goes on behind the calls
// that keep it (docs/wechat.md §9.4): after a request, the settings, a question.

export class Tap {
  is = false
  #end = 0

  /** From now on, for this turn. */
  turn(isTapped) {
    this.is = isTapped
    clearTimeout(this.#end)
    if (isTapped) this.#end = setTimeout(() => (this.is = false))
  }

  /** Calls back in the tap that it was asked in. */
  kept() {
    const was = this.is
    return (call) => (value) => {
      this.turn(was)
      return call?.(value)
    }
  }
}
