// Runs the Prisma migrations of a commit. The pipeline calls it with { "bundleKey": "migrations/<commit>.tgz" }.
//
// The function knows nothing of the application: the bundle brings the Prisma command in the application's own version, its
// engine, the schema and the migrations. Values of secrets are read here and now, become environment variables of the
// Prisma process, and are blotted out of everything that is printed.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { redact, runMigrations } from './migrate.mjs';

// Time that is kept back to report what happened before Lambda ends the function.
const RESERVE_MS = 20_000;

export async function handler(event, context) {
  if (typeof event?.bundleKey !== 'string' || !event.bundleKey.startsWith('migrations/')) {
    throw new Error('bundleKey must name an object below migrations/');
  }
  const secrets = new SecretsManagerClient({});
  const secret = async (id) => (await secrets.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
  const [databaseUrl, application] = await Promise.all([secret(process.env.DATABASE_URL_SECRET), secret(process.env.APP_SECRET)]);

  const object = await new S3Client({}).send(new GetObjectCommand({ Bucket: process.env.BUNDLE_BUCKET, Key: event.bundleKey }));
  const bundle = Buffer.from(await object.Body.transformToByteArray());

  const values = JSON.parse(application || '{}');
  const result = await runMigrations({
    bundle,
    databaseUrl,
    secrets: values,
    timeoutMs: context.getRemainingTimeInMillis() - RESERVE_MS,
  });
  const log = redact(result.output, [databaseUrl, ...Object.values(values)]);
  console.log(log);
  if (result.exitCode !== 0) {
    throw new Error(`prisma migrate deploy failed (${result.errorCode ?? `exit code ${result.exitCode}`})\n${log.slice(-3000)}`);
  }
  return { ok: true, log: log.slice(-3000) };
}
