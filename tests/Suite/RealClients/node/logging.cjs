// A working day of @google-cloud/logging over REST. Prints one JSON object: what a test then judges.
//   node logging.cjs ACT LOGGING_URL CREDENTIAL_FILE PROJECT LOG
'use strict';
process.env.METADATA_SERVER_DETECTION = 'none'; // Whether this runs on Google Cloud is not asked.
const {Logging} = require('@google-cloud/logging');
const {GoogleAuth} = require('google-auth-library');
const {refusals, say} = require('./gax.cjs');

const [act, address, credentials, project, logName] = process.argv.slice(2);
const {hostname, port} = new URL(address);

const logging = new Logging({
  projectId: project,
  apiEndpoint: hostname,
  port: Number(port),
  protocol: 'http',
  fallback: true,
  auth: new GoogleAuth({keyFilename: credentials, scopes: 'https://www.googleapis.com/auth/cloud-platform'}),
});

const acts = {
  async day() {
    const log = logging.log(logName);
    const resource = {type: 'cloud_run_job', labels: {job_name: 'score', location: 'europe-west1'}};
    await log.write([
      log.entry({resource, severity: 'INFO', labels: {team: 'risk'}}, 'starting'),
      log.entry({resource, severity: 'WARNING'}, {message: 'slow', seconds: 12.5}),
      log.entry({resource, severity: 'ERROR'}, 'out of memory'),
    ]);
    const read = async (filter, more) => (await log.getEntries({filter, ...more}))[0];
    const all = await read('', {orderBy: 'timestamp asc'});
    const grave = await read('severity>=WARNING', {orderBy: 'timestamp asc', pageSize: 1, autoPaginate: true});
    const slow = await read('jsonPayload.seconds>10 AND labels.team:* OR jsonPayload.message="slow"');
    const logs = (await logging.getLogs())[0].map(one => one.name);
    return {
      all: all.map(entry => entry.data?.message ?? entry.data),
      severities: all.map(entry => entry.metadata.severity),
      job: all.find(entry => entry.data === 'starting')?.metadata.resource.labels.job_name,
      grave: grave.length,
      slow: slow.map(entry => entry.data.seconds),
      listed: logs.map(decodeURIComponent).includes(logName),
    };
  },
  async refused() {
    const log = logging.log(logName);
    return refusals({
      filter: () => log.getEntries({filter: 'severity=LOUD'}),
      write: () => log.write(log.entry({resource: {type: 'global'}}, 'x')),
    });
  },
};

say(acts[act]);
