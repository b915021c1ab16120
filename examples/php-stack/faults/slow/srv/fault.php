<?php

usleep(3_000_000);
