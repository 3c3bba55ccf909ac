/** On what is asked of the admin port: the data directory that a command means, its real path percent-encoded. */
export const DATA_DIR_HEADER = 'x-evalforge-data-dir'
