<?php

usleep(1000 * (int) getenv('SLOW_MS'));
