// Made of src/index.mjs by tools/commonjs.mjs: change that.
/**
 * All of the client; each file can be taken alone as well.
 */

module.exports = {
  ...require('./reminders.js'),
  ...require('./cloud.js'),
  ...require('./subscriptions.js'),
  ...require('./guide.js'),
  ...require('./calendar.js'),
  ...require('./reasons.js'),
  ...require('./words.js'),
  ...require('./lunar.js'),
}
