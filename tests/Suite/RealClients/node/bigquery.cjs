// A working day of @google-cloud/bigquery. Prints one JSON object: what a test then judges.
//   node bigquery.cjs ACT BIGQUERY_URL STORAGE_URL CREDENTIAL_FILE DATASET CSV_FILE
'use strict';
const {BigQuery} = require('@google-cloud/bigquery');
const {Storage} = require('@google-cloud/storage');
const {GoogleAuth} = require('google-auth-library');

const [act, address, storageAddress, credentials, datasetName, file] = process.argv.slice(2);

async function clients() {
  const auth = new GoogleAuth({keyFilename: credentials, scopes: 'https://www.googleapis.com/auth/cloud-platform'});
  const token = await auth.getAccessToken();
  const bigquery = new BigQuery({apiEndpoint: address.replace(/\/$/, ''), projectId: 'acc-lab', keyFilename: credentials});
  const storage = new Storage({apiEndpoint: storageAddress.replace(/\/$/, ''), projectId: 'acc-lab'});
  storage.interceptors.push({
    request: options => {
      options.headers = {...options.headers, Authorization: `Bearer ${token}`};
      return options;
    },
  });
  return {bigquery, storage};
}

const refusal = error => ({
  code: error.code ?? error.status,
  reason: error.errors?.[0]?.reason,
  message: error.message,
  rows: error.name === 'PartialFailureError' ? error.errors.map(row => row.errors.map(one => one.message).join()) : undefined,
});

async function refused(work) {
  try {
    await work();
    return null;
  } catch (error) {
    return refusal(error);
  }
}

const acts = {
  async day({bigquery, storage}) {
    const [dataset] = await bigquery.createDataset(datasetName, {location: 'europe-west1'});
    const [table] = await dataset.createTable('clients', {
      schema: [
        {name: 'id', type: 'INTEGER', mode: 'REQUIRED'},
        {name: 'name', type: 'STRING'},
        {name: 'score', type: 'FLOAT'},
        {name: 'seen', type: 'TIMESTAMP'},
        {name: 'tags', type: 'STRING', mode: 'REPEATED'},
        {name: 'address', type: 'RECORD', fields: [{name: 'city', type: 'STRING'}, {name: 'since', type: 'TIMESTAMP'}]},
      ],
    });
    await table.insert([
      {id: 1, name: 'Ada', score: 0.1, seen: '2024-06-01T12:00:00.123456Z', tags: ['a', 'b'], address: {city: 'Lille', since: '2020-01-01T00:00:00.000001Z'}},
      {id: 2, name: 'Bob', score: null, seen: null, tags: []},
    ]);
    const partial = await refused(() => table.insert([{id: 'x', name: 'bad'}, {id: 3}]));
    const [listed] = await table.getRows();
    const [asked] = await bigquery.query({
      query: `SELECT id, name, seen, tags, address FROM ${datasetName}.clients WHERE id IN UNNEST(@ids) AND seen < @now ORDER BY id`,
      params: {ids: [1, 2], now: bigquery.timestamp(new Date('2030-01-01'))},
    });
    const [load] = await dataset.table('loaded').load(file, {sourceFormat: 'CSV', skipLeadingRows: 1, autodetect: true});
    const [dry] = await bigquery.createQueryJob({query: `SELECT name FROM ${datasetName}.loaded`, dryRun: true});
    const [job] = await bigquery.createQueryJob({query: 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25)) AS n ORDER BY n'});
    let query = {maxResults: 10, autoPaginate: false};
    const walked = [];
    while (query) {
      const [rows, next] = await job.getQueryResults(query);
      walked.push(rows.map(row => row.n));
      query = next;
    }
    const [extract] = await table.extract(storage.bucket('acc-lab-data').file(`${datasetName}.json`), {format: 'JSON'});
    const [content] = await storage.bucket('acc-lab-data').file(`${datasetName}.json`).download();
    await dataset.table('loaded').extract(storage.bucket('acc-lab-data').file(`${datasetName}.parquet`), {format: 'PARQUET'});
    const [back] = await dataset.table('back').load(storage.bucket('acc-lab-data').file(`${datasetName}.parquet`), {sourceFormat: 'PARQUET'});
    const invalid = await refused(() => bigquery.query('SELEC 1'));
    const absent = await refused(() => dataset.table('nothing').getMetadata());
    const [exists] = await dataset.table('nothing').exists();
    const [tables] = await dataset.getTables();
    await dataset.delete({force: true});
    return {
      partial, seen: listed[0].seen.value, since: listed[0].address.since.value, listed: listed.length,
      asked: asked.map(row => ({id: row.id, name: row.name, seen: row.seen.value, tags: row.tags, city: row.address.city, since: row.address.since.value})),
      loaded: load.statistics.load.outputRows, bytes: dry.metadata.statistics.totalBytesProcessed, walked: walked.map(page => page.length),
      extracted: extract.status.state, line: content.toString().split('\n')[0], back: back.statistics.load.outputRows,
      invalid, absent, exists, tables: tables.map(one => one.id),
    };
  },

  // The client's uploads are one request each: what is cut is sent again as a whole.
  async large({bigquery, storage}) {
    const [dataset] = await bigquery.createDataset(datasetName, {location: 'europe-west1'});
    const options = {sourceFormat: 'CSV', schema: 'id:integer,name:string'};
    const broken = await refused(() => dataset.table('large').load(file, options));
    const [load] = await dataset.table('large').load(file, {...options, writeDisposition: 'WRITE_TRUNCATE'});
    const target = storage.bucket('acc-lab-data').file(`${datasetName}.csv`);
    await dataset.table('large').extract(target, {format: 'CSV', printHeader: false});
    const [content] = await target.download();
    const [tables] = await dataset.getTables();
    return {
      broken, rows: load.statistics.load.outputRows, tables: tables.map(one => one.id),
      md5: require('node:crypto').createHash('md5').update(content).digest('base64'),
    };
  },

  async query({bigquery}) {
    return {refusal: await refused(() => bigquery.query('SELECT 1'))};
  },
};

clients().then(acts[act]).then(
  result => console.log(JSON.stringify(result)),
  error => {
    console.log(JSON.stringify({error: error.stack, refusal: refusal(error)}));
    process.exitCode = 1;
  },
);
