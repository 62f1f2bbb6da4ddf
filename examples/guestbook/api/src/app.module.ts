import { Module } from '@nestjs/common';
import { EntriesModule } from './entries/entries.module';
import { HealthController } from './health/health.controller';

@Module({ imports: [EntriesModule], controllers: [HealthController] })
export class AppModule {}
