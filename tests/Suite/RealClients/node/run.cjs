// A working day of @google-cloud/run over REST, and of @google-cloud/logging beside it. Prints one JSON object: what a test then judges.
//   node run.cjs ACT RUN_URL LOGGING_URL CREDENTIAL_FILE PROJECT JOB IMAGE
'use strict';
process.env.METADATA_SERVER_DETECTION = 'none'; // Whether this runs on Google Cloud is not asked.
const {JobsClient, ExecutionsClient, TasksClient} = require('@google-cloud/run').v2;
const {Logging} = require('@google-cloud/logging');
const {GoogleAuth} = require('google-auth-library');
const {refusal, refusals, say} = require('./gax.cjs');

const [act, runAddress, loggingAddress, credentials, project, jobId, image] = process.argv.slice(2);
const auth = new GoogleAuth({keyFilename: credentials, scopes: 'https://www.googleapis.com/auth/cloud-platform'});
const at = address => ({apiEndpoint: new URL(address).hostname, port: Number(new URL(address).port), protocol: 'http', fallback: true, auth});

const jobs = new JobsClient(at(runAddress));
const executions = new ExecutionsClient(at(runAddress));
const tasks = new TasksClient(at(runAddress));
const logging = new Logging({projectId: project, ...at(loggingAddress)});

const parent = `projects/${project}/locations/europe-west1`;
const name = `${parent}/jobs/${jobId}`;

const job = changes => ({
  labels: {team: 'risk'},
  template: {
    taskCount: 1,
    template: {
      maxRetries: 0,
      timeout: {seconds: 60},
      serviceAccount: `run-agent@${project}.iam.gserviceaccount.com`,
      executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
      containers: [{image, args: ['of', 'job'], env: [{name: 'A', value: 'job'}, {name: 'B', value: 'job'}], resources: {limits: {memory: '1Gi', cpu: '1'}}}],
    },
  },
  ...changes,
});

const completed = execution => execution.conditions.find(condition => condition.type === 'Completed');

const acts = {
  async day() {
    await (await jobs.createJob({parent, jobId, job: job()}))[0].promise();
    const [created] = await jobs.getJob({name});
    const [running] = await jobs.runJob({
      name,
      overrides: {taskCount: 2, containerOverrides: [{args: ['of', 'run'], env: [{name: 'B', value: 'run'}]}]},
    });
    const watched = [running.metadata.name, running.done];
    const [execution] = await running.promise();
    const [seen] = await executions.getExecution({name: execution.name});
    const [listed] = await executions.listExecutions({parent: name});
    const [all] = await tasks.listTasks({parent: execution.name});
    const id = execution.name.split('/').pop();
    const [entries] = await logging.getEntries({
      resourceNames: [`projects/${project}`],
      filter: `resource.type="cloud_run_job" labels."run.googleapis.com/execution_name"="${id}" log_id("run.googleapis.com/stdout")`,
    });
    const [changed] = await (await jobs.updateJob({job: {name, ...job({labels: {team: 'fraud'}})}}))[0].promise();
    const [policy] = await jobs.getIamPolicy({resource: name});
    const [everyJob] = await jobs.listJobs({parent});
    const [deleted] = await (await jobs.deleteJob({name}))[0].promise();
    return {
      created: [created.name, created.template.template.maxRetries, created.template.template.timeout.seconds, created.terminalCondition.state],
      watched,
      execution: [execution.name, seen.succeededCount, seen.taskCount, completed(seen).state, String(seen.logUri).length > 0],
      listed: listed.map(one => one.name),
      tasks: all.map(one => [one.index, one.lastAttemptResult.exitCode]),
      lines: entries.map(entry => entry.data).sort(),
      changed: [changed.labels.team, String(changed.generation)],
      policy: policy.bindings.length,
      everyJob: everyJob.some(one => one.name === name),
      deleted: deleted.deleteTime !== null,
    };
  },
  async failed() {
    await (await jobs.createJob({parent, jobId, job: job()}))[0].promise();
    const [running] = await jobs.runJob({name, overrides: {containerOverrides: [{env: [{name: 'EXIT', value: '3'}]}]}});
    let error = null;
    try {
      await running.promise();
    } catch (thrown) {
      error = refusal(thrown);
    }
    const [seen] = await executions.getExecution({name: running.metadata.name});
    const [all] = await tasks.listTasks({parent: seen.name});
    return {
      error,
      execution: [seen.failedCount, completed(seen).executionReason],
      exitCode: all[0].lastAttemptResult.exitCode,
    };
  },
  async cancelled() {
    await (await jobs.createJob({parent, jobId, job: job()}))[0].promise();
    const [running] = await jobs.runJob({name, overrides: {containerOverrides: [{env: [{name: 'SLEEP', value: '600'}]}]}});
    await (await executions.cancelExecution({name: running.metadata.name}))[0].promise();
    const [cancelled] = await executions.getExecution({name: running.metadata.name});
    return {execution: [cancelled.cancelledCount, completed(cancelled).executionReason]};
  },
  async refused() {
    return refusals({
      create: () => jobs.createJob({parent, jobId, job: job()}),
      label: () => jobs.createJob({parent, jobId, job: job({labels: {'run.googleapis.com/x': 'y'}})}),
      missing: () => jobs.getJob({name: `${parent}/jobs/nothing`}),
      image: async () => (await jobs.createJob({parent, jobId: `${jobId}-i`, job: job({template: {template: {
        serviceAccount: `run-agent@${project}.iam.gserviceaccount.com`, containers: [{image: image.replace(/:v1$/, ':v9')}]}}})}))[0].promise(),
      etag: async () => (await jobs.deleteJob({name, etag: '"old"'})),
    });
  },
};

say(acts[act]);
