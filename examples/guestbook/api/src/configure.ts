import { type INestApplication, ValidationPipe } from '@nestjs/common';

/** What the server and its tests have in common. */
export function configure(app: INestApplication): INestApplication {
  app.setGlobalPrefix('api');
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  // SIGTERM closes the server and then the database connections: a rollout loses no request.
  app.enableShutdownHooks();
  return app;
}
