// A working day of @google-cloud/storage. Prints one JSON object: what a test then judges.
//   node storage.cjs ACT STORAGE_URL CREDENTIAL_FILE BUCKET FILE
'use strict';
const fs = require('node:fs');
const {Storage} = require('@google-cloud/storage');

const [act, address, credentials, bucketName, file] = process.argv.slice(2);

async function client() {
  const storage = new Storage({apiEndpoint: address.replace(/\/$/, ''), projectId: 'acc-lab', keyFilename: credentials, useAuthWithCustomEndpoint: true});
  // To an endpoint of one's own the library starts resumable uploads without credentials, since useAuthWithCustomEndpoint is not passed on
  // there. They begin with options that name no address yet, and get the token that the library has for everything else.
  const token = await storage.authClient.getAccessToken();
  storage.interceptors.push({
    request: options => options.uri ? options : {...options, headers: {...options.headers, Authorization: `Bearer ${token}`}},
  });
  return storage;
}

const refusal = error => ({code: error.code ?? error.status, reason: error.errors?.[0]?.reason, message: error.message});

const acts = {
  async day(storage) {
    const [bucket] = await storage.createBucket(bucketName, {location: 'europe-west1', iamConfiguration: {uniformBucketLevelAccess: {enabled: true}}});
    await bucket.upload(file, {destination: 'models/large.bin', resumable: true, chunkSize: 8 * 1024 * 1024, metadata: {metadata: {run: '41'}}});
    await bucket.file('a+b/é %2F.txt').save('small', {resumable: false, contentType: 'text/plain'});
    const [files] = await bucket.getFiles();
    const [, , page] = await bucket.getFiles({delimiter: '/', autoPaginate: false});
    const large = bucket.file('models/large.bin');
    const [content] = await large.download({validation: 'crc32c'});
    const [part] = await large.download({start: 10, end: 19});
    const [metadata] = await large.setMetadata({metadata: {stage: 'lab'}});
    await large.copy(bucket.file('copy.bin'));
    await bucket.file('copy.bin').move('moved.bin');
    const [joined] = await bucket.combine(['moved.bin', 'a+b/é %2F.txt'], 'joined.bin');
    const [joinedMetadata] = await joined.getMetadata();
    let precondition;
    try {
      await large.save('never', {resumable: false, preconditionOpts: {ifGenerationMatch: 0}});
    } catch (error) {
      precondition = refusal(error);
    }
    let absent;
    try {
      await bucket.file('nothing').download();
    } catch (error) {
      absent = refusal(error);
    }
    const [exists] = await bucket.file('nothing').exists();
    await bucket.deleteFiles({force: true});
    await bucket.delete();
    return {
      names: files.map(one => one.name), prefixes: page.prefixes, same: content.equals(fs.readFileSync(file)), part: part.length,
      metadata: metadata.metadata, joined: Number(joinedMetadata.size), components: joinedMetadata.componentCount, precondition, absent, exists,
    };
  },

  async upload(storage) {
    const bucket = storage.bucket(bucketName);
    await bucket.upload(file, {destination: 'interrupted.bin', resumable: true, chunkSize: 4 * 1024 * 1024, preconditionOpts: {ifGenerationMatch: 0}});
    const [metadata] = await bucket.file('interrupted.bin').getMetadata();
    return {md5: metadata.md5Hash, size: Number(metadata.size)};
  },

  async read(storage) {
    const [files] = await storage.bucket(bucketName).getFiles();
    return {names: files.map(one => one.name)};
  },
};

client().then(acts[act])
  .then(result => console.log(JSON.stringify(result)))
  .catch(error => {
    console.log(JSON.stringify({refusal: refusal(error)}));
    process.exitCode = 1;
  });
