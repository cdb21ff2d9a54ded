// What the scripts of Google's clients share: how a refusal is told, and how an act's answer is printed.
'use strict';

const refusal = error => ({code: error.code, status: error.status, message: error.message});

// Calls that are to be refused, by name: how each was, null where it was not.
async function refusals(calls) {
  const answers = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
      answers[name] = null;
    } catch (error) {
      answers[name] = refusal(error);
    }
  }
  return answers;
}

// Prints an act's answer as one JSON object, for a test to judge.
async function say(act) {
  try {
    console.log(JSON.stringify(await act()));
  } catch (error) {
    console.log(JSON.stringify({refusal: refusal(error), stack: error.stack}));
    process.exitCode = 1;
  }
}

module.exports = {refusal, refusals, say};
