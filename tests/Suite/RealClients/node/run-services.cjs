// Services with @google-cloud/run over REST. Prints one JSON object: what a test then judges.
//   node run-services.cjs ACT RUN_URL ACCESS_TOKEN PROJECT SERVICE IMAGE OTHER_IMAGE BAD_IMAGE
'use strict';
process.env.METADATA_SERVER_DETECTION = 'none'; // Whether this runs on Google Cloud is not asked.
const {protos, v2: {ServicesClient, RevisionsClient}} = require('@google-cloud/run');
const {OAuth2Client} = require('google-auth-library');
const {refusal, refusals, say} = require('./gax.cjs');

const [act, address, token, project, id, image, otherImage, badImage] = process.argv.slice(2);
const {hostname, port} = new URL(address);
const authClient = new OAuth2Client();
authClient.setCredentials({access_token: token});
const options = {
  projectId: project,
  apiEndpoint: hostname,
  port: Number(port),
  protocol: 'http',
  fallback: true,
  authClient,
};
const services = new ServicesClient(options);
const revisions = new RevisionsClient(options);
const parent = `projects/${project}/locations/europe-west1`;
const name = `${parent}/services/${id}`;

const stateOf = ({state}) => typeof state === 'number' ? protos.google.cloud.run.v2.Condition.State[state] : state;
const last = resource => resource.split('/').pop();
const page = async uri => {
  const answer = await fetch(uri);
  return `${answer.status} ${answer.status === 200 ? await answer.text() : ''}`.trim();
};
const template = (of, more) => ({
  serviceAccount: `run-agent@${project}.iam.gserviceaccount.com`,
  containers: [{image: of, env: [{name: 'STAGE', value: 'node'}], resources: {limits: {cpu: '1', memory: '512Mi'}}}],
  scaling: {minInstanceCount: 1, maxInstanceCount: 2},
  timeout: {seconds: 30},
  ...more,
});
const result = async ([operation]) => (await operation.promise())[0];

const acts = {
  async day() {
    const [creating] = await services.createService({parent, serviceId: id, service: {labels: {team: 'risk'}, template: template(image)}});
    const [created] = await creating.promise();
    const closed = await page(created.uri);
    const [policy] = await services.getIamPolicy({resource: name});
    await services.setIamPolicy({resource: name, policy: {etag: policy.etag, bindings: [{role: 'roles/run.invoker', members: ['allUsers']}]}});
    const open = await page(created.uri);

    const second = await result(await services.updateService({service: {name, template: template(otherImage, {revision: `${id}-second`})}, updateMask: {paths: ['template']}}));
    const afterSecond = await page(created.uri);

    const first = last(created.latestReadyRevision);
    const split = await result(await services.updateService({
      service: {name, traffic: [
        {type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: first, percent: 100},
        {type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', tag: 'next'},
      ]},
      updateMask: {paths: ['traffic']},
    }));
    const tagged = split.trafficStatuses.find(one => one.tag === 'next');
    const back = {own: await page(created.uri), tag: await page(tagged.uri)};

    let bad;
    try {
      await result(await services.updateService({service: {name, template: template(badImage)}, updateMask: {paths: ['template']}}));
    } catch (error) {
      bad = refusal(error);
    }
    const [after] = await services.getService({name});
    const afterBad = await page(created.uri);

    const [listed] = await services.listServices({parent});
    const [all] = await revisions.listRevisions({parent: name});
    const [permitted] = await services.testIamPermissions({resource: name, permissions: ['run.services.get', 'run.services.delete']});
    const deleted = await result(await services.deleteService({name}));
    let gone;
    try {
      await services.getService({name});
    } catch (error) {
      gone = refusal(error);
    }
    return {
      metadata: creating.metadata.name,
      ready: stateOf(created.terminalCondition),
      generation: String(created.generation),
      timeout: String(created.template.timeout.seconds),
      closed, open, afterSecond, back, bad, afterBad,
      second: last(second.latestReadyRevision),
      readyAfterBad: last(after.latestReadyRevision),
      state: stateOf(after.terminalCondition),
      listed: listed.map(one => last(one.name)).includes(id),
      revisions: all.length,
      permitted: permitted.permissions,
      deleted: deleted.deleteTime !== null,
      gone,
    };
  },
  async refused() {
    return refusals({
      create: () => services.createService({parent, serviceId: id, service: {template: template(image)}}),
      invalid: () => services.createService({parent, serviceId: id, service: {template: template(image, {timeout: {seconds: 4000}})}}),
    });
  },
};

say(acts[act]);
